package gate

import (
	"encoding/json"
	"slices"
	"strconv"
)

// LoadDigest identifies how load was offered: model, rate or users, waits,
// arrivals, caps and the time-out of a request. Two results are compared only when it is equal.
// It does not cover what is measured longer or more often (duration, runs),
// nor the weights: those stand beside each endpoint as shares, so that an
// added endpoint is a changed mix and not another load.
func LoadDigest(l Load) string {
	return digestOf(struct {
		Model       Model
		Rate        string
		Arrivals    Arrivals
		MaxInFlight int
		Users       int
		SpawnRate   string
		WaitMin     string
		WaitMax     string
		Connections int
		Timeout     string
	}{l.Model, number(l.Rate), l.Arrivals, l.MaxInFlight, l.Users, number(l.SpawnRate),
		l.Wait.Min.String(), l.Wait.Max.String(), l.Connections, l.Timeout.String()})
}

// RequestDigest identifies what a task sends and what it accepts: method,
// path, header names, body, checks. Header values are left out: they hold
// secrets and tokens that change.
func RequestDigest(t Task) string {
	headers := make([]string, 0, len(t.Request.Headers))
	for name := range t.Request.Headers {
		headers = append(headers, name)
	}
	slices.Sort(headers)
	return digestOf(struct {
		Method, Path string
		Headers      []string
		Body         string
		Status       []int
		JSON         bool
		Contains     string
	}{t.Request.Method, t.Request.Path, headers, Digest(t.Request.Body), t.Expect.Status, t.Expect.JSON, t.Expect.Body})
}

// Digest identifies the class; empty for the zero class, which is unknown.
func (c EnvironmentClass) Digest() string {
	if c.OS == "" {
		return ""
	}
	return digestOf(c)
}

// digestOf hashes a value whose JSON has one form: structs of strings,
// integers, slices and maps (sorted by encoding/json), no floats.
func digestOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("gate: digest of a value that does not encode: " + err.Error()) // a programming error: the types above always encode
	}
	return Digest(data)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// Info returns what a result records of the scenario's load.
func (s Scenario) Info() ScenarioInfo {
	info := ScenarioInfo{ID: s.Name, Name: s.Name, LoadDigest: LoadDigest(s.Load), Model: s.Load.Model, Seed: s.Load.Seed,
		Wait: s.Load.Wait != Wait{}}
	if s.Load.Model == ModelOpen {
		info.RateRPS, info.Arrivals = &s.Load.Rate, s.Load.Arrivals
	} else {
		info.Users = &s.Load.Users
	}
	total := 0
	for _, t := range s.Tasks {
		total += t.Weight
	}
	for _, t := range s.Tasks {
		share := float64(t.Weight) / float64(total)
		info.Endpoints = append(info.Endpoints, EndpointInfo{Name: t.Name, RequestDigest: RequestDigest(t), ShareRatio: &share})
	}
	return info
}
