package git

import "os/exec"

// inGroup leaves git as it is: it is ended by itself.
func inGroup(*exec.Cmd) {}
