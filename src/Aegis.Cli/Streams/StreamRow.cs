namespace Aegis.Cli.Streams;

/// <summary>An answer to be streamed.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Text">What the model says.</param>
internal sealed record StreamRow(string Id, string Text)
{
    /// <exception cref="FormatException">It is no such row.</exception>
    public static StreamRow Of(JsonRow row) => new(row.Id("id"), row.Text("text"));
}
