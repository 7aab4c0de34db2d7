using System.Globalization;
using System.Text;
using Aegis;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace StreamingChat;

/// <summary>Shows answers as they arrive, and remembers what was shown.</summary>
internal sealed class Terminal
{
    private const int Piece = 8;   // characters of a value that give it away

    private readonly StringBuilder _shown = new();

    public static string Ask()
    {
        AnsiConsole.Markup("[yellow]Your question:[/] ");
        return Console.ReadLine() ?? "";
    }

    public async Task ShowAsync(string question, IAsyncEnumerable<ChatResponseUpdate> answer)
    {
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]> {question}[/]");
        object? why = null;
        await foreach (var update in answer)
        {
            Console.Write(update.Text);
            _shown.Append(update.Text);
            why ??= update.AdditionalProperties?.GetValueOrDefault("aegis");
        }

        Console.WriteLine();
        if (why is AegisRefusal refusal)
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]The answer ended here: {refusal}[/]");
        }
    }

    /// <summary>Says what of the values was shown; how many of them.</summary>
    public int Leaked(IReadOnlyList<string> values)
    {
        var shown = _shown.ToString();
        var leaked = values.Count(value => Enumerable.Range(0, value.Length - Piece + 1).Any(start => shown.Contains(value.Substring(start, Piece), StringComparison.Ordinal)));
        AnsiConsole.MarkupLine(leaked > 0 ? $"[red]{leaked} of {values.Count} protected values were shown.[/]" : $"[green]None of {values.Count} protected values was shown.[/]");
        return leaked;
    }
}
