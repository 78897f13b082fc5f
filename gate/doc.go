// Package gate is perfgate's domain: what a scenario asks for, what a result
// holds, and the one pure function that turns results into a verdict.
//
// Data flows one way:
//
//	Scenario ─► Result (baseline) ┐
//	            Result (candidate)┴► Compare ─► Judge ─► Report
//
// Everything here is pure: no clock, no file, no network, no global random
// source. The same input gives the same bytes. Lengths of time are
// milliseconds in files (keys end in _ms) and time.Duration in code; ratios
// are ratios (0.05, not 5), and a value that was not measured is nil or
// absent, never zero.
package gate
