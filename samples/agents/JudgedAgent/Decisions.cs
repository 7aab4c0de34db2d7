using Aegis;
using Aegis.Events;
using Spectre.Console;

namespace JudgedAgent;

/// <summary>Shows what was decided about calls, and when the judge was asked.</summary>
internal sealed class Decisions : IEventSink
{
    private readonly Table _table = new Table().AddColumns([.. new[] { "event", "tool", "decision", "rules" }.Select(static name => new TableColumn(name).NoWrap())]);

    public void Write(AegisEvent e)
    {
        if (e.Checkpoint == Checkpoint.ToolArguments)
        {
            _table.AddRow(e.Type, Markup.Escape(e.Tool ?? ""), e.Decision >= Decision.Ask ? $"[red]{e.Decision}[/]" : $"[green]{e.Decision}[/]", Markup.Escape(string.Join(", ", e.Verdict.Findings.Select(static finding => finding.Rule))));
        }
    }

    public void Show() => AnsiConsole.Write(_table);
}
