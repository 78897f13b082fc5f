package unchanged

import "slices"

// Unmatched returns the globs that cover none of the files, in their order: a
// glob like that never finds a change. Files are named as in Files.
func Unmatched(globs, files []string) []string {
	return slices.DeleteFunc(slices.Clone(globs), func(glob string) bool {
		return slices.ContainsFunc(files, func(file string) bool { return matches(glob, file) })
	})
}
