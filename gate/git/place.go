package git

import (
	"os"
	"path/filepath"
)

// places are the folders in which a worktree may lie, absolute, the best first.
// A service that writes beside its program must find the same kind of disk there
// as the working tree has, or the sides differ by their disks: the temporary
// folder is a memory disk on many systems. The folder around the work tree is
// next; it is better than one inside it, too, where tools find what belongs to
// the other side, such as node_modules, by walking up.
func (r *Repo) places() []string {
	temporary, around := os.TempDir(), filepath.Dir(r.root)
	if absolute, err := filepath.Abs(temporary); err == nil {
		temporary = absolute
	}
	if around != r.root && sameDisk(around, r.root) && (!sameDisk(temporary, r.root) || within(r.root, realPath(temporary))) {
		return []string{around, temporary}
	}
	return []string{temporary}
}

// within reports whether a path is a folder or lies in it. Both are absolute.
func within(folder, name string) bool {
	inside, err := filepath.Rel(folder, name)
	return err == nil && filepath.IsLocal(inside)
}

// realPath is a path without links, as git tells it; itself where that cannot be
// told.
func realPath(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}
