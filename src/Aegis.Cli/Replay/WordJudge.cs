using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aegis.Cli.Replay;

/// <summary>
/// Stands in for a model that judges calls, and sees what a judge may see: it approves a call that shares a word with the request and whose names, numbers and addresses
/// stand in it. It knows no synonyms, and nothing of what is right.
/// </summary>
internal sealed partial class WordJudge : IJudge
{
    private const int LeastWord = 4;   // letters
    private const int Stem = 5;

    public ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken)
    {
        if (question.Checkpoint != Checkpoint.ToolArguments)
        {
            return new(new JudgeReply(JudgeVerdict.Unclear, 0));
        }

        var request = question.Request ?? "";
        var asked = Stems(request).ToHashSet(StringComparer.Ordinal);
        var isMeant = Stems($"{question.Tool} {question.ToolDescription}").Any(asked.Contains);
        using var arguments = JsonDocument.Parse(question.Text);
        var isTraced = Values(arguments.RootElement).SelectMany(static value => Name().Matches(value)).All(name => request.Contains(name.Value, StringComparison.OrdinalIgnoreCase));
        return new(new JudgeReply(isMeant && isTraced ? JudgeVerdict.Approve : JudgeVerdict.Reject, 1));
    }

    private static IEnumerable<string> Stems(string text) => Word().Matches(text).Select(static word => word.Value.ToLowerInvariant()).Where(static word => word.Length >= LeastWord).Select(static word => word[..Math.Min(Stem, word.Length)]);

    private static IEnumerable<string> Values(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(static member => Values(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Values),
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        _ => [],
    };

    [GeneratedRegex(@"\p{L}+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    /// <summary>What means one thing: a label of a private value, an address, a number, a file.</summary>
    [GeneratedRegex(@"\[[A-Z-]+-[0-9]+\]|[^\s,;()""']*[@/\\][^\s,;()""']*|[0-9][0-9.,:-]*[0-9]|[0-9]+|[\w-]+\.[a-z]{2,5}", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
