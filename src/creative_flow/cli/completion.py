"""``cfu completion``: makes the shell complete commands and options."""

from __future__ import annotations

import click

from creative_flow.cli.options import workspace_option

_EXAMPLES = """\b
bash:  cfu completion bash >> ~/.bashrc
zsh:   cfu completion zsh >> ~/.zshrc
fish:  cfu completion fish > ~/.config/fish/completions/cfu.fish
"""


@click.command(epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@workspace_option()
def completion(shell: str, workspace: object) -> None:
    """Print what makes SHELL complete cfu's commands and options."""
    from click.shell_completion import get_completion_class

    from creative_flow.cli.commands import cfu

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    # The script's text alone: bash's version is looked at where the script runs.
    parts = found(cfu, {}, "cfu", "_CFU_COMPLETE")
    click.echo(parts.source_template % parts.source_vars())
