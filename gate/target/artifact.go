package target

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// imagePrefix marks an artifact that is a container image.
const imagePrefix = "image:"

// An Artifact is something that a target runs from, after its build.
type Artifact struct {
	Name   string // as the scenario writes it
	Place  string // where that is: an absolute path, or "image:NAME" as it was asked for
	Digest string // "sha256:" and hex digits
}

// Artifacts returns the digests of what Spec.Artifacts names, in that order: of a
// file its content, of a folder the names, kinds and contents of all that is in
// it, of "image:NAME" the id that docker (or podman) knows. An error says which
// one cannot be had, and then nothing is known of any.
func (t *Target) Artifacts(ctx context.Context) ([]Artifact, error) {
	var out []Artifact
	for _, name := range t.o.Spec.Artifacts {
		place := expand(name, t.environ())
		digest, err := "", error(nil)
		if image, ok := strings.CutPrefix(place, imagePrefix); ok {
			digest, err = t.imageID(ctx, image)
		} else if place, err = filepath.Abs(t.inDir(place)); err == nil {
			digest, err = Digest(ctx, place)
		}
		if err != nil {
			return nil, fmt.Errorf("target.artifacts: %q: %w", name, err)
		}
		out = append(out, Artifact{Name: name, Place: place, Digest: digest})
	}
	return out, nil
}

// inDir is a path that the scenario names.
func (t *Target) inDir(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(t.o.Dir, name)
}

// imageID asks for the content address of an image.
func (t *Target) imageID(ctx context.Context, image string) (string, error) {
	for _, tool := range []string{"docker", "podman"} {
		program, err := exec.LookPath(tool)
		if err != nil {
			continue
		}
		cmd := exec.CommandContext(ctx, program, "image", "inspect", "--format", "{{.Id}}", image)
		cmd.Dir, cmd.Env = t.o.Dir, t.environ()
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			return "", fmt.Errorf("%s image inspect: %w: %s", tool, err, strings.TrimSpace(said.String()))
		}
		id := strings.TrimSpace(string(out))
		if !strings.HasPrefix(id, "sha256:") {
			id = "sha256:" + id // podman's
		}
		return id, nil
	}
	return "", errors.New("neither docker nor podman is there to ask")
}

// Digest is "sha256:" and the hex digest of a file, or of a folder with everything
// in it. A link stands for what it names; inside a folder it must name something
// in that folder, since nothing else of it is seen.
func Digest(ctx context.Context, place string) (string, error) {
	place, err := filepath.EvalSymlinks(place)
	if err != nil {
		return "", bare(err)
	}
	sum := sha256.New()
	info, err := os.Stat(place)
	switch {
	case err != nil:
		return "", bare(err)
	case info.Mode().IsRegular():
		err = addFile(sum, place)
	case info.IsDir():
		err = addFolder(ctx, sum, place)
	default:
		err = errors.New("is neither a file nor a folder")
	}
	if err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// addFolder digests a tree in the order of its names. Each entry begins with its
// path, kind and length, so that no two trees have the same bytes.
func addFolder(ctx context.Context, sum hash.Hash, root string) error {
	return filepath.WalkDir(root, func(place string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		name, err := filepath.Rel(root, place)
		if err != nil {
			return err
		}
		switch info, err := d.Info(); {
		case err != nil:
			return err
		case d.Type()&fs.ModeSymlink != 0:
			return addLink(sum, root, place, name)
		case d.Type().IsRegular():
			fmt.Fprintf(sum, "%q file %o %d\n", filepath.ToSlash(name), info.Mode().Perm()&0o111, info.Size())
			return addFile(sum, place)
		default:
			fmt.Fprintf(sum, "%q %v\n", filepath.ToSlash(name), d.Type())
			return nil
		}
	})
}

// addLink digests a link inside of a tree.
func addLink(sum hash.Hash, root, place, name string) error {
	link, err := os.Readlink(place)
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "%q link %q\n", filepath.ToSlash(name), link)
	real, err := filepath.EvalSymlinks(place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it names nothing
	}
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(root, real); err != nil || !filepath.IsLocal(inside) {
		return fmt.Errorf("the link %q leads out of it", filepath.ToSlash(name))
	}
	return nil
}

func addFile(sum hash.Hash, place string) error {
	f, err := os.Open(place)
	if err != nil {
		return bare(err)
	}
	defer f.Close()
	_, err = io.Copy(sum, f)
	return err
}

// bare drops the path of an error, which the message names already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
