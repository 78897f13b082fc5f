package demo

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed scenario.yml
var scenario []byte

// Scenario returns the perfgate.yml of the scenario that the demo measures. Its
// target.start is a placeholder for StartCommand.
func Scenario() []byte { return scenario }

// StartCommand is the shell line that starts the service where target.start is
// told to: program is the path of perfgate, iterations what Calibrate returned,
// slow a factor by endpoint (nil: as it is), goos the system whose shell reads
// the line.
func StartCommand(goos, program string, iterations float64, slow map[string]float64) string {
	line := "exec '" + strings.ReplaceAll(program, "'", `'\''`) + "'"
	if goos == "windows" {
		line = `"` + program + `"`
	}
	line += fmt.Sprintf(" demo serve --addr ${PERFGATE_ADDR} --iterations %g", iterations)
	for _, endpoint := range Endpoints() {
		if factor, ok := slow[endpoint]; ok {
			line += fmt.Sprintf(" --slow %s=%g", endpoint, factor)
		}
	}
	return line
}
