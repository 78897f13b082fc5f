package target

import (
	"bytes"
	"testing"
)

func TestParseRelative(t *testing.T) {
	rest := " 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 "
	tests := []struct {
		name  string
		stat  string
		want  relative
		alive bool
	}{
		{"running", "7 (api) S 3 5 5" + rest + "9 0 812", relative{parent: 3, group: 5}, true},
		{"name with brackets", "7 (a) Z 1 1 (b) R 3 5 5" + rest + "1 0 812", relative{parent: 3, group: 5}, true},
		{"zombie", "7 (api) Z 3 5 5" + rest + "1 0 812", relative{parent: 3, group: 5}, false},
		{"zombie whose threads still end", "7 (api) Z 3 5 5" + rest + "4 0 812", relative{parent: 3, group: 5}, true},
		{"cut short", "7 (api) S 3 5 5 0 -1", relative{}, false},
		{"no numbers", "7 (api) S three 5 5" + rest + "9 0 812", relative{}, false},
		{"empty", "", relative{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, alive := parseRelative([]byte(tt.stat))
			if got != tt.want || alive != tt.alive {
				t.Errorf("got %+v, alive %t; want %+v, %t", got, alive, tt.want, tt.alive)
			}
		})
	}
}

// What a process calls itself must not matter.
func FuzzParseRelative(f *testing.F) {
	f.Add([]byte("7 (api) S 3 5 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 812"))
	f.Add([]byte(") ) )"))
	f.Fuzz(func(t *testing.T, stat []byte) {
		if bytes.IndexByte(stat, ')') < 0 {
			return
		}
		got, alive := parseRelative(stat)
		named, namedAlive := parseRelative(append([]byte("1 (a) Z 2 3 "), stat...))
		if got != named || alive != namedAlive {
			t.Errorf("got %+v, alive %t; with another name %+v, %t", got, alive, named, namedAlive)
		}
	})
}
