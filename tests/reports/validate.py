#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files of results as programs see them that are not of this project: results.json against its JSON Schema, JUnit XML
against the schema of Jenkins and with the eyes of junitparser. Prints what is wrong, a line each; with --counts also what
junitparser has counted. Debian's Python, for the sake of its packages.

    validate.py SOURCE_FOLDER [--counts] FILE.json|FILE.xml...
"""
import json
import pathlib
import subprocess
import sys

import jsonschema
import junitparser


def faults_of_results(source, file):
    schema = json.loads((source / "docs" / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        return [f"no JSON: {error}"]
    errors = jsonschema.Draft202012Validator(schema).iter_errors(results)
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]


def faults_of_junit(source, file):
    schema = source / "tests" / "reports" / "jenkins-junit.xsd"
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, file], capture_output=True, text=True, check=False)
    return done.stderr.splitlines() if done.returncode != 0 else []


def kind_of(case):
    kinds = {junitparser.Failure: "fail", junitparser.Error: "error", junitparser.Skipped: "not applicable"}
    return kinds[type(case.result[0])] if case.result else "pass"


def counts_of_junit(file):
    """Names of all test cases by verdict."""
    cases = [case for suite in junitparser.JUnitXml.fromfile(str(file)) for case in suite]
    return {kind: sorted(f"{case.classname}/{case.name}" for case in cases if kind_of(case) == kind)
            for kind in ("pass", "not applicable", "fail", "error")}


def main(arguments):
    source, *files = arguments
    count = "--counts" in files
    for file in map(pathlib.Path, (file for file in files if file != "--counts")):
        faults = (faults_of_junit if file.suffix == ".xml" else faults_of_results)(pathlib.Path(source), file)
        print(*(f"{file}: {fault}" for fault in faults), sep="\n", end="\n" if faults else "")
        if count and file.suffix == ".xml" and not faults:
            print(json.dumps(counts_of_junit(file)))


if __name__ == "__main__":
    main(sys.argv[1:])
