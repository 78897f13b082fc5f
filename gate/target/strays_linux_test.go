package target

import "testing"

func TestIsStray(t *testing.T) {
	marks := []string{"PERFGATE_SIDE=candidate-1", "PERFGATE_ADDR=127.0.0.1:80"}
	tests := []struct {
		name, environ string
		want          bool
	}{
		{"all marks", "A=1\x00PERFGATE_ADDR=127.0.0.1:80\x00PERFGATE_SIDE=candidate-1\x00", true},
		{"of another run", "PERFGATE_ADDR=127.0.0.1:8\x00PERFGATE_SIDE=candidate-1\x00", false},
		{"part of a value", "X=PERFGATE_SIDE=candidate-1\x00PERFGATE_ADDR=127.0.0.1:80\x00", false},
		{"longer", "PERFGATE_SIDE=candidate-12\x00PERFGATE_ADDR=127.0.0.1:80\x00", false},
		{"a guard", "PERFGATE_ADDR=127.0.0.1:80\x00PERFGATE_SIDE=candidate-1\x00PERFGATE_GUARD=1\x00", false},
		{"a zombie", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := isStray([]byte(tt.environ), marks); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
