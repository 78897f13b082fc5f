package demo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/demo"
)

func TestScenarioIsValid(t *testing.T) {
	s, err := config.Parse(demo.Scenario(), config.Options{Name: "scenario.yml"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, task := range s.Tasks {
		names = append(names, task.Name)
	}
	if diff := cmp.Diff([]string{"GET /health", "GET /models", "POST /inference", "POST /inference/batch"}, names); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestStartCommand(t *testing.T) {
	slow := map[string]float64{"/inference": 1.5, "/models": 2}
	for goos, want := range map[string]string{
		"linux":   `exec '/a b/it'\''s' demo serve --work timer --addr ${PERFGATE_ADDR} --slow /models=2 --slow /inference=1.5`,
		"windows": `"/a b/it's" demo serve --work timer --addr ${PERFGATE_ADDR} --slow /models=2 --slow /inference=1.5`,
	} {
		if diff := cmp.Diff(want, demo.StartCommand(goos, "/a b/it's", slow)); diff != "" {
			t.Errorf("%s: -want +got\n%s", goos, diff)
		}
	}
}
