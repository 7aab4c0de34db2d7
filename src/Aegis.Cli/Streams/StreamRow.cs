using Aegis.Policies.Documents;

namespace Aegis.Cli.Streams;

/// <summary>An answer to be streamed.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Text">What the model says.</param>
/// <param name="System">Its instructions; null: nobody knows them.</param>
/// <param name="Unread">Members that say something else, as labels of a corpus do.</param>
internal sealed record StreamRow(string Id, string Text, string? System, IReadOnlyList<string> Unread)
{
    private const int MostNamed = 10;

    private static readonly string[] Names = ["id", "text", "system"];

    /// <exception cref="FormatException">It is no such row.</exception>
    public static StreamRow Of(JsonRow row) => new(row.Id("id"), row.Text("text"), row.OptionalText("system"), row.Others(Names));

    /// <summary>Says which members of rows nobody reads, so that a misspelt one is seen; null: there are none.</summary>
    public static string? NoticeOf(IEnumerable<StreamRow> rows)
    {
        string[] unread = [.. rows.SelectMany(static row => row.Unread).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MostNamed)];
        return unread.Length == 0 ? null : $"Members of rows that are not read: {string.Join(", ", unread.Select(static name => $"'{PolicyErrorList.Shown(name)}'"))}.{string.Concat(unread.Select(static name => Suggestion.For(name, Names)).Distinct(StringComparer.Ordinal))} A row has '{string.Join("', '", Names)}'.";
    }
}
