package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/machine"
)

func TestDescribe(t *testing.T) {
	virtual := true
	facts := machine.Facts{OS: "linux", Arch: "arm64", CPUModel: "Neoverse-N1", CPUs: 4, MemoryGiB: 16, Virtual: &virtual,
		Image: "ubuntu 24.04", Kernel: "6.11.0"}
	class := gate.EnvironmentClass{OS: "linux", Arch: "arm64", CPUModel: "Neoverse-N1", CPUs: 4, MemoryGiB: 16, Virtual: &virtual,
		User: map[string]string{"GOGC": "100"}}
	tests := []struct {
		name string
		env  map[string]string
		want map[string]string
	}{
		{"laptop", nil, map[string]string{"image": "ubuntu 24.04", "kernel": "6.11.0", "perfgate": version()}},
		{"hosted runner", map[string]string{"ImageOS": "ubuntu24", "ImageVersion": "20261101.1"},
			map[string]string{"image": "ubuntu24 20261101.1", "kernel": "6.11.0", "perfgate": version()}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := app{env: environ(tt.env)}
			want := gate.Environment{ClassDigest: class.Digest(), Class: class, Recorded: tt.want}
			if diff := cmp.Diff(want, a.describe(facts, map[string]string{"GOGC": "100"})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What target.env holds must be equal for two sessions to be compared, and
// later changes of the caller's map must not reach the result.
func TestEnvironmentClassHoldsTargetEnv(t *testing.T) {
	a, _, _ := testApp()
	user := map[string]string{"GOGC": "100"}
	with, without := a.environment(user), a.environment(nil)
	user["GOGC"] = "off"
	if with.Class.User["GOGC"] != "100" || without.Class.User == nil {
		t.Errorf("variables %v and %v", with.Class.User, without.Class.User)
	}
	if with.ClassDigest == without.ClassDigest || with.ClassDigest == "" {
		t.Errorf("classes %q and %q must differ", with.ClassDigest, without.ClassDigest)
	}
}

func TestJobID(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string
	}{
		{"laptop", nil, ""},
		{"azure", map[string]string{"SYSTEM_JOBID": "1f2e", "SYSTEM_JOBATTEMPT": "2"}, "azure:1f2e/2"},
		{"buildkite", map[string]string{"BUILDKITE_JOB_ID": "0190"}, "buildkite:0190"},
		{"circleci", map[string]string{"CIRCLE_WORKFLOW_JOB_ID": "77"}, "circleci:77"},
		{"github", map[string]string{"GITHUB_RUN_ID": "981", "GITHUB_RUN_ATTEMPT": "3", "GITHUB_JOB": "gate"}, "github:981/3/gate"},
		{"github without a name", map[string]string{"GITHUB_RUN_ID": "981"}, "github:981"},
		{"gitlab", map[string]string{"CI_JOB_ID": "55"}, "gitlab:55"},
		{"jenkins", map[string]string{"BUILD_TAG": "jenkins-shop-12"}, "jenkins:jenkins-shop-12"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := app{env: environ(tt.env)}
			if diff := cmp.Diff(tt.want, a.jobID()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
