namespace Aegis.Testing;

/// <summary>Where Aegis sits, and everything else that must make no difference.</summary>
/// <param name="Position">Where Aegis sits.</param>
/// <param name="Streaming">Whether the app asks for streams.</param>
/// <param name="ServerConversation">Whether the provider keeps the conversation and gives it an id.</param>
/// <param name="Concurrent">Whether calls of one step run at the same time.</param>
/// <param name="OverHttp">Whether the model is reached over HTTP, at <see cref="ConformanceSetup.Endpoint"/>: Chat Completions, or Responses when the provider keeps the conversation.</param>
public sealed record ConformanceArrangement(ConformancePosition Position, bool Streaming = false, bool ServerConversation = false, bool Concurrent = false, bool OverHttp = false)
{
    /// <summary>Whether the pipeline runs functions.</summary>
    public bool HasLoop => Position != ConformancePosition.Manual;

    /// <summary>Whether a layer stands outside the function loop.</summary>
    public bool IsOutside => Position is ConformancePosition.Outside or ConformancePosition.Sandwich;

    /// <summary>All of them: 4 positions × streaming × conversation × concurrency × transport.</summary>
    public static IReadOnlyList<ConformanceArrangement> All { get; } =
    [
        .. from position in Enum.GetValues<ConformancePosition>()
           from streaming in new[] { false, true }
           from conversation in new[] { false, true }
           from concurrent in new[] { false, true }
           from overHttp in new[] { false, true }
           select new ConformanceArrangement(position, streaming, conversation, concurrent, overHttp),
    ];

    /// <summary>In words.</summary>
    /// <returns>The text form, of which no two are the same.</returns>
    public override string ToString() =>
        $"{Position}, {(Streaming ? "streaming" : "batch")}, {(ServerConversation ? "conversation id" : "history")}, {(Concurrent ? "concurrent" : "serial")}, {(OverHttp ? "HTTP" : "in process")}";
}
