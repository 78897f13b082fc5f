package main

import (
	"strings"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/machine"
)

// environment describes this machine for a result. User is target.env of the
// scenario, which belongs to the class.
func (a *app) environment(user map[string]string) gate.Environment {
	return a.describe(machine.Read(), user)
}

// describe sorts facts into those that must be equal for two sessions to be
// compared, and those of which a difference is only told.
func (a *app) describe(f machine.Facts, user map[string]string) gate.Environment {
	class := gate.EnvironmentClass{OS: f.OS, Arch: f.Arch, CPUModel: f.CPUModel, CPUs: f.CPUs, MemoryGiB: f.MemoryGiB,
		Virtual: f.Virtual, User: map[string]string{}}
	for name, value := range user {
		class.User[name] = value
	}
	e := gate.Environment{ClassDigest: class.Digest(), Class: class, Recorded: map[string]string{}}
	image := strings.TrimSpace(a.get("ImageOS") + " " + a.get("ImageVersion")) // of GitHub's runners
	if image == "" {
		image = f.Image
	}
	for name, value := range map[string]string{"image": image, "kernel": f.Kernel, "governor": f.Governor, "perfgate": version()} {
		if value != "" {
			e.Recorded[name] = value
		}
	}
	return e
}

// A jobSource is how one CI names the job that is running.
type jobSource struct {
	ci        string
	variables []string // together they are unique; the first is always set
}

// jobSources lists the known ones; no two are set in the same job.
func jobSources() []jobSource {
	return []jobSource{
		{"azure", []string{"SYSTEM_JOBID", "SYSTEM_JOBATTEMPT"}},
		{"buildkite", []string{"BUILDKITE_JOB_ID"}},
		{"circleci", []string{"CIRCLE_WORKFLOW_JOB_ID"}},
		{"github", []string{"GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB"}},
		{"gitlab", []string{"CI_JOB_ID"}},
		{"jenkins", []string{"BUILD_TAG"}},
	}
}

// jobID names the CI job, "github:981/1/bench"; empty on a laptop.
func (a *app) jobID() string {
	for _, source := range jobSources() {
		if a.get(source.variables[0]) == "" {
			continue
		}
		var parts []string
		for _, name := range source.variables {
			if value := a.get(name); value != "" {
				parts = append(parts, value)
			}
		}
		return source.ci + ":" + strings.Join(parts, "/")
	}
	return ""
}
