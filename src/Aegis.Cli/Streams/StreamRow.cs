namespace Aegis.Cli.Streams;

/// <summary>An answer to be streamed.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Text">What the model says.</param>
/// <param name="System">Its instructions; null: nobody knows them.</param>
internal sealed record StreamRow(string Id, string Text, string? System)
{
    /// <exception cref="FormatException">It is no such row, or has a member that nobody would read.</exception>
    public static StreamRow Of(JsonRow row) => new(row.Only("id", "text", "system").Id("id"), row.Text("text"), row.OptionalText("system"));
}
