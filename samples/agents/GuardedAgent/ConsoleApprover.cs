using System.Globalization;
using System.Text.Json;
using Aegis;
using Aegis.Tools;
using Spectre.Console;

namespace GuardedAgent;

/// <summary>Asks at the terminal, once for all calls of a step: what would run, with which arguments, and why it is asked. Where nobody is at the terminal, the answer is no.</summary>
internal sealed class ConsoleApprover : IApprover
{
    public async ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken) => (await ApproveAllAsync([request], cancellationToken))[0];

    public async ValueTask<IReadOnlyList<ApprovalAnswer>> ApproveAllAsync(IReadOnlyList<ApprovalRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var request in requests)
        {
            Show(request);
        }

        if (Console.IsInputRedirected)
        {
            AnsiConsole.MarkupLine("[yellow]May it run?[/] no (nobody is at the terminal)");
            return new ApprovalAnswer[requests.Count].Select(static _ => ApprovalAnswer.No).ToList();
        }

        var answers = new List<ApprovalAnswer>();
        foreach (var request in requests)
        {
            answers.Add(await AskAsync(request, cancellationToken));
            if (!answers[^1].Approves)
            {
                break;   // nothing of the step will run
            }
        }

        return [.. answers, .. new ApprovalAnswer[requests.Count - answers.Count]];
    }

    private static void Show(ApprovalRequest request)
    {
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]The agent wants to run {TerminalText.Visible(request.Tool)}[/]");
        using var arguments = JsonDocument.Parse(request.Arguments.Canonical, new() { MaxDepth = 2 * ToolArguments.MaxDepth });
        foreach (var argument in arguments.RootElement.EnumerateObject())
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {TerminalText.Visible(argument.Name)} = {TerminalText.Visible(argument.Value.GetRawText())}");
        }

        foreach (var finding in request.Verdict.Findings.Where(static finding => finding.Decision == Decision.Ask || finding.Risk > 0))
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  because of {finding.Rule}{(finding.Detail is { } detail ? $": {TerminalText.Visible(detail)}" : "")}");
        }
    }

    private static async Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var tool = TerminalText.Visible(request.Tool);
            switch (await ReadAsync(request.IsEditable ? $"May {tool} run? (y)es, (n)o, (e)dit: " : $"May {tool} run? (y)es, (n)o: ", cancellationToken))
            {
                case "y" or "yes":
                    return ApprovalAnswer.Yes;
                case "e" or "edit" when request.IsEditable:
                    if (Parse(await ReadAsync("All arguments as JSON: ", cancellationToken)) is { Refusal: null } edited)
                    {
                        return ApprovalAnswer.Edited(edited);
                    }

                    AnsiConsole.MarkupLine("[red]That cannot be read.[/]");
                    break;
                case "n" or "no" or null:
                    return ApprovalAnswer.No;
            }
        }
    }

    private static async Task<string?> ReadAsync(string question, CancellationToken cancellationToken)
    {
        AnsiConsole.MarkupInterpolated(CultureInfo.InvariantCulture, $"[yellow]{question}[/]");
        return (await System.Threading.Tasks.Task.Run(Console.ReadLine, cancellationToken).WaitAsync(cancellationToken))?.Trim();
    }

    private static ToolArguments? Parse(string? json)
    {
        try
        {
            return json is null ? null : ToolArguments.From(JsonSerializer.Deserialize<Dictionary<string, object?>>(json));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
