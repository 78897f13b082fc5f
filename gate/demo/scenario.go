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
// told to: program is the path of perfgate, slow a factor by endpoint (nil: as
// it is), goos the system whose shell reads the line. The service spends its
// time on timers, so that the demo works beside a browser and a compiler, too.
func StartCommand(goos, program string, slow map[string]float64) string {
	line := "exec '" + strings.ReplaceAll(program, "'", `'\''`) + "'"
	if goos == "windows" {
		line = `"` + program + `"`
	}
	line += " demo serve --work timer --addr ${PERFGATE_ADDR}"
	for _, endpoint := range Endpoints() {
		if factor, ok := slow[endpoint]; ok {
			line += fmt.Sprintf(" --slow %s=%g", endpoint, factor)
		}
	}
	return line
}
