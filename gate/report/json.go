package report

import (
	"fmt"
	"io"

	"github.com/perfgate/perfgate/gate"
)

// JSON writes a report as report.json holds it (gate.Encode). The error is that
// of w, or names a number that no file can hold.
func JSON(w io.Writer, r gate.Report) error {
	data, err := gate.Encode(r)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
