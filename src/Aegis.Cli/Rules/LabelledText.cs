namespace Aegis.Cli.Rules;

/// <summary>A text that somebody has judged.</summary>
internal sealed record LabelledText(string Id, string Text, bool IsAttack)
{
    /// <exception cref="FormatException">It is no such row.</exception>
    public static LabelledText Of(JsonRow row) => new(row.Id("id"), row.Text("text"), row.Number("label", 0, 1) == 1);
}
