using System.Collections.Immutable;
using Aegis.Integrity;

namespace Aegis.ExtensionsAI;

/// <summary>What is known of a request's conversation when its response is signed.</summary>
/// <param name="Chain">Over what the app has sent.</param>
/// <param name="Open">The calls of it that nothing has answered.</param>
/// <param name="MaySign">Whether all of it was verified: what was not, no signature may cover.</param>
/// <param name="BeginsTurn">Whether it ends with words of a user.</param>
/// <param name="Session">The session that remembers how far it has got; null: none does, or an older part of it has come back.</param>
/// <param name="Heads">What the session remembered when the request was verified.</param>
internal sealed record HistoryTurn(HistoryChain Chain, OpenCalls Open, bool MaySign, bool BeginsTurn, SessionId? Session, ImmutableArray<HistoryHead> Heads)
{
    /// <summary>Whether it has gone on to the model.</summary>
    public bool WasAsked { get; set; }
}
