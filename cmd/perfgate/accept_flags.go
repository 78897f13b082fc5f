package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
)

// waiver makes a waiver of the flags. They go through the reader of the accept
// file, so that the command line and the file allow the same.
func (a *app) waiver(o acceptOptions) (gate.Waiver, error) {
	if o.Endpoint == wholeEndpoint {
		o.Endpoint = ""
	}
	o.Expires = a.day(o.Expires)
	text, err := json.Marshal([]acceptOptions{o})
	if err != nil {
		return gate.Waiver{}, err
	}
	waivers, err := config.ParseWaivers(text, "")
	var problems config.Problems
	if errors.As(err, &problems) {
		return gate.Waiver{}, flagProblems(problems)
	}
	if err != nil {
		return gate.Waiver{}, err
	}
	w := waivers.Items[0]
	if w.Expires < a.today() {
		return gate.Waiver{}, usage("give a day to come, such as --expires 30d", "accept: --expires %s has passed", w.Expires)
	}
	w.Line = 0
	return w, nil
}

// day turns "30d" into the day that far from today; anything else is left to
// the reader of the file.
func (a *app) day(text string) string {
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 1 || days > 3650 {
		return text
	}
	return a.now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// flagProblems tells problems of a waiver in the words of the command line.
func flagProblems(problems config.Problems) error {
	var texts []string
	for _, p := range problems {
		name := strings.TrimPrefix(p.Field, "[0].")
		if name != "endpoint" && name != "metric" {
			name = "--" + name
		}
		text := name + ": " + p.Message
		if p.Hint != "" {
			text += ", " + strings.ReplaceAll(p.Hint, strings.TrimPrefix(name, "--")+": ", name+" ")
		}
		texts = append(texts, text)
	}
	return usage("perfgate accept --help", "accept: %s", strings.Join(texts, "\n  "))
}
