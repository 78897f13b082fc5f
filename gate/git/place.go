package git

import (
	"os"
	"path/filepath"
)

// places are the folders in which a worktree may lie, the best first. A service
// that writes beside its program must find the same kind of disk there as the
// working tree has, or the sides differ by their disks: the temporary folder is
// a memory disk on many systems. The folder around the work tree is next; a
// folder inside it would let tools find what belongs to the other side, such as
// node_modules, by walking up.
func (r *Repo) places() []string {
	temporary, around := os.TempDir(), filepath.Dir(r.root)
	if !sameDisk(temporary, r.root) && sameDisk(around, r.root) {
		return []string{around, temporary}
	}
	return []string{temporary}
}
