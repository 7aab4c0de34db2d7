using Aegis.Integrity;

namespace Aegis.ExtensionsAI;

/// <summary>What is known of a request's conversation when its response is signed.</summary>
/// <param name="Chain">Over what the app has sent.</param>
/// <param name="MaySign">Whether all of it was verified: what was not, no signature may cover.</param>
/// <param name="BeginsTurn">Whether it ends with words of a user.</param>
/// <param name="Session">The session that remembers how far it has got; null: none does.</param>
internal sealed record HistoryTurn(HistoryChain Chain, bool MaySign, bool BeginsTurn, SessionId? Session);
