// Holds an OLM bundle against the validators of the operator framework, among them those that its own command
// operator-verify does not run, and fails for warnings too: `go run . FOLDER` with the folder of manifests and metadata.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: validate FOLDER")
		os.Exit(2)
	}
	folder := os.Args[1]
	bundle, err := manifests.GetBundleFromDir(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// What `operator-sdk bundle validate --optional-values` passes on.
	options := map[string]string{"k8s-version": "1.30", "index-path": filepath.Join(folder, "bundle.Dockerfile")}
	// MultipleArchitecturesValidator, the last one, pulls the images: those of a bundle in these sources are nowhere yet.
	validators := validation.AllValidators[:len(validation.AllValidators)-1]
	found := 0
	for _, result := range validators.Validate(append(bundle.ObjectsToValidate(), options)...) {
		for _, problem := range append(result.Errors, result.Warnings...) {
			fmt.Fprintln(os.Stderr, problem)
			found++
		}
	}
	fmt.Printf("%s: %d objects, %d validators, %d errors and warnings\n", bundle.Name, len(bundle.Objects), len(validators), found)
	if found > 0 {
		os.Exit(1)
	}
}
