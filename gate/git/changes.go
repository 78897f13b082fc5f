package git

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// ChangedFiles lists the files in which two commits differ, with slashes from
// the root of the repository, sorted; of a renamed file both names. An empty
// candidate is the working tree as it is: changes that are not committed count,
// and files that git does not track unless it is told to ignore them. Folders
// in except, absolute or relative to the current one, are left out. The list is
// empty, and not nil, when nothing changed.
func (r *Repo) ChangedFiles(ctx context.Context, base, candidate string, except ...string) ([]string, error) {
	where := append([]string{"--", "."}, r.outside(except)...)
	args := []string{"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-relative", "--ignore-submodules=none", base}
	if candidate != "" {
		args = append(args, candidate)
	}
	out, err := r.git(ctx, append(args, where...)...)
	if err != nil {
		return nil, fmt.Errorf("changed files: %w", err)
	}
	files := fields(out)
	if candidate == "" {
		out, err := r.git(ctx, append([]string{"ls-files", "-z", "--others", "--exclude-standard"}, where...)...)
		if err != nil {
			return nil, fmt.Errorf("changed files: %w", err)
		}
		files = append(files, fields(out)...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
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

// outside is what keeps folders out of a list of files.
func (r *Repo) outside(folders []string) []string {
	var out []string
	for _, folder := range folders {
		absolute, err := filepath.Abs(folder)
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
