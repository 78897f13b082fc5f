package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A submodule is a commit of another repository inside a checked-out one.
type submodule struct{ name, path, commit string }

// addSubmodules fills in the submodules of the files in dir, which belong to
// the repository whose work tree is root and whose .git is common; bare is nil
// for the worktree itself, and how git finds what dir holds of a submodule. It
// reads the local repositories only; a submodule that is not initialised there is left
// empty, as it is in the working tree.
func (w *Worktree) addSubmodules(ctx context.Context, dir, root, common string, bare []string) error {
	if _, err := os.Lstat(filepath.Join(dir, ".gitmodules")); err != nil {
		return nil
	}
	all, err := w.submodules(ctx, dir, bare)
	if err != nil {
		return fmt.Errorf("worktree: submodules: %w", err)
	}
	for _, s := range all {
		objects, ok := objectsOf(s, root, common)
		if !ok {
			continue
		}
		inner := filepath.Join(dir, filepath.FromSlash(s.path))
		bare := []string{"--git-dir=" + objects, "--work-tree=" + inner}
		if err := w.fill(ctx, s, inner, bare); err != nil {
			return err
		}
		if err := w.addSubmodules(ctx, inner, filepath.Join(root, filepath.FromSlash(s.path)), objects, bare); err != nil {
			return err
		}
	}
	return nil
}

// submodules lists those that .gitmodules in dir names and the index holds.
func (w *Worktree) submodules(ctx context.Context, dir string, bare []string) ([]submodule, error) {
	paths, err := w.repo.call(ctx, call{dir: dir, lock: w.lock}, "config", "--null", "--file", ".gitmodules", "--get-regexp", `^submodule\..*\.path$`)
	if err := broken(err); err != nil {
		return nil, err
	}
	links, err := w.links(ctx, dir, bare)
	if err != nil {
		return nil, err
	}
	var all []submodule
	for _, entry := range fields(paths) {
		key, path, _ := strings.Cut(entry, "\n")
		name := strings.TrimSuffix(strings.TrimPrefix(key, "submodule."), ".path")
		commit, ok := links[path]
		if ok && filepath.IsLocal(filepath.FromSlash(path)) && filepath.IsLocal(filepath.FromSlash(name)) {
			all = append(all, submodule{name, path, commit})
		}
	}
	return all, nil
}

// links returns the commits of submodules by path, from the index of dir.
func (w *Worktree) links(ctx context.Context, dir string, bare []string) (map[string]string, error) {
	out, err := w.repo.call(ctx, call{dir: dir, environ: w.index(dir), lock: w.lock}, append(slices.Clone(bare), "ls-files", "--stage", "-z")...)
	if err != nil {
		return nil, err
	}
	links := map[string]string{}
	for _, entry := range fields(out) { // "160000 <commit> 0\t<path>"
		meta, path, _ := strings.Cut(entry, "\t")
		if words := strings.Fields(meta); len(words) == 3 && words[0] == "160000" {
			links[path] = words[1]
		}
	}
	return links, nil
}

// index is where fill keeps the index of a submodule; that of the worktree
// itself is its own.
func (w *Worktree) index(dir string) []string {
	if dir == w.dir {
		return nil
	}
	inside, err := filepath.Rel(w.dir, dir)
	if err != nil {
		return nil
	}
	name := indexPrefix + strings.ReplaceAll(filepath.ToSlash(inside), "/", "%")
	return []string{"GIT_INDEX_FILE=" + filepath.Join(w.folder, name)}
}

// objectsOf finds the local repository of a submodule; ok is false when it is
// not initialised.
func objectsOf(s submodule, root, common string) (dir string, ok bool) {
	own := filepath.Join(root, filepath.FromSlash(s.path), ".git")
	for _, dir := range []string{pointedAt(own), filepath.Join(common, "modules", filepath.FromSlash(s.name))} {
		if info, err := os.Stat(filepath.Join(dir, "objects")); err == nil && info.IsDir() {
			return dir, true
		}
	}
	return "", false
}

// pointedAt follows a .git that is a file and names the real one.
func pointedAt(dotGit string) string {
	data, err := os.ReadFile(dotGit)
	if err != nil {
		return dotGit // a folder, or nothing
	}
	target := filepath.FromSlash(strings.TrimSpace(strings.TrimPrefix(string(data), "gitdir:")))
	if filepath.IsAbs(target) {
		return target
	}
	return filepath.Join(filepath.Dir(dotGit), target)
}

// fill writes the files of a submodule. It gets no .git, so that neither its
// repository nor its configuration is touched.
func (w *Worktree) fill(ctx context.Context, s submodule, dir string, bare []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("worktree: %w", err)
	}
	git := func(args ...string) error {
		_, err := w.repo.call(ctx, call{dir: dir, environ: w.index(dir), lock: w.lock}, append(slices.Clone(bare), args...)...)
		return err
	}
	err := git("cat-file", "-e", s.commit+"^{commit}")
	var refused *refusal
	if errors.As(err, &refused) {
		return &Error{fmt.Errorf("worktree: submodule %q: its commit %.7s is not in this clone", s.path, s.commit), "git fetch --recurse-submodules=yes"}
	}
	if err == nil {
		err = git("read-tree", s.commit)
	}
	if err == nil {
		err = git("checkout-index", "--all", "--force", "--quiet")
	}
	if err != nil {
		return fmt.Errorf("worktree: submodule %q: %w", s.path, err)
	}
	return nil
}
