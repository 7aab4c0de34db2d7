namespace Aegis.Cli.Scan;

/// <summary>A text to be scanned.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Text">The text.</param>
/// <param name="UserTask">What the user had asked before; null: nothing.</param>
internal sealed record ScanRow(string Id, string Text, string? UserTask)
{
    /// <exception cref="FormatException">It is no such row.</exception>
    public static ScanRow Of(JsonRow row) => new(row.Id("id"), row.Text("text"), row.OptionalText("user_task"));
}
