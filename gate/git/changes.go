package git

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ChangedFiles lists the files in which two commits differ, with slashes from
// the root of the repository, sorted; of a renamed file both names. An empty
// candidate is the working tree as it is: changes that are not committed count,
// and files that git does not track unless it is told to ignore them. Of the
// latter, files and folders in except, absolute or relative to the current one,
// are left out, and so are worktrees of AddWorktree. The list is empty, and not
// nil, when nothing changed. A file that git was told not to look at
// (assume-unchanged, skip-worktree) and that is there counts as changed.
func (r *Repo) ChangedFiles(ctx context.Context, base, candidate string, except ...string) ([]string, error) {
	args := []string{"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-relative", "--ignore-submodules=none", base}
	if candidate != "" {
		args = append(args, candidate)
	}
	out, err := r.git(ctx, append(args, "--")...)
	if err != nil {
		return nil, fmt.Errorf("changed files: %w", err)
	}
	files := fields(out)
	if candidate == "" {
		others, err := r.untracked(ctx, except)
		if err != nil {
			return nil, fmt.Errorf("changed files: %w", err)
		}
		hidden, err := r.hidden(ctx)
		if err != nil {
			return nil, fmt.Errorf("changed files: %w", err)
		}
		files = append(append(files, others...), hidden...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// untracked lists the files that git neither tracks nor ignores.
func (r *Repo) untracked(ctx context.Context, except []string) ([]string, error) {
	args := append([]string{"ls-files", "-z", "--others", "--exclude-standard", "--", "."}, r.outside(except)...)
	out, err := r.git(ctx, args...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(fields(out), func(file string) bool {
		return inOurs(filepath.Join(r.root, filepath.FromSlash(file)))
	}), nil
}

// Files lists the files of a commit, or those that git tracks in the working
// tree where it is empty: with slashes from the root of the repository, sorted.
// A submodule stands as one.
func (r *Repo) Files(ctx context.Context, commit string) ([]string, error) {
	args := []string{"ls-files", "-z"}
	if commit != "" {
		args = []string{"ls-tree", "-r", "-z", "--name-only", "--full-tree", commit}
	}
	out, err := r.git(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	files := fields(out)
	slices.Sort(files)
	return slices.Compact(files), nil
}

// hidden lists the tracked files that git does not look at: they may hold
// anything. Those that a sparse checkout left out are not there.
func (r *Repo) hidden(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, "ls-files", "-v", "-z")
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range fields(out) {
		tag, file, ok := strings.Cut(entry, " ")
		if !ok || tag != "S" && tag == strings.ToUpper(tag) {
			continue
		}
		if _, err := os.Lstat(filepath.Join(r.root, filepath.FromSlash(file))); err == nil {
			files = append(files, file)
		}
	}
	return files, nil
}

// Links returns the symbolic links that git tracks and what they name, both with
// slashes from the root; links out of the repository are left out, since git
// knows nothing of what they name.
func (r *Repo) Links(ctx context.Context) (map[string]string, error) {
	out, err := r.git(ctx, "ls-files", "-s", "-z")
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	links := map[string]string{}
	for _, entry := range fields(out) {
		what, file, _ := strings.Cut(entry, "\t")
		mode, rest, _ := strings.Cut(what, " ")
		if mode != "120000" {
			continue
		}
		id, _, _ := strings.Cut(rest, " ")
		named, err := r.git(ctx, "cat-file", "blob", id)
		if err != nil {
			return nil, fmt.Errorf("links: %w", err)
		}
		if target := path.Join(path.Dir(file), named); !path.IsAbs(named) && filepath.IsLocal(filepath.FromSlash(target)) {
			links[file] = target
		}
	}
	return links, nil
}

// Inside returns a path with slashes from the root, and whether it lies in the
// repository's folder.
func (r *Repo) Inside(name string) (inside string, ok bool) {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return "", false
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(absolute)); err == nil {
		absolute = filepath.Join(folder, filepath.Base(absolute))
	}
	relative, err := filepath.Rel(r.root, absolute)
	if err != nil || !filepath.IsLocal(relative) {
		return "", false
	}
	return filepath.ToSlash(relative), true
}

// outside is what keeps files and folders out of a list of files.
func (r *Repo) outside(names []string) []string {
	var out []string
	for _, name := range names {
		absolute, err := filepath.Abs(name)
		if err != nil {
			continue // it is nowhere, so not in the list either
		}
		if real, err := filepath.EvalSymlinks(absolute); err == nil {
			absolute = real
		}
		inside, err := filepath.Rel(r.root, absolute)
		if err == nil && filepath.IsLocal(inside) && inside != "." {
			out = append(out, ":(top,exclude,literal)"+filepath.ToSlash(inside))
		}
	}
	return out
}

// Dirty reports whether a file that git tracks differs from what is checked
// out.
func (r *Repo) Dirty(ctx context.Context) (bool, error) {
	out, err := r.git(ctx, "status", "--porcelain", "--untracked-files=no")
	return out != "", err
}

// fields splits a list that ends each item with a zero byte.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == 0 })
}
