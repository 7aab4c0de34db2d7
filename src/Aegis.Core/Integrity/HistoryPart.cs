namespace Aegis.Integrity;

/// <summary>What a part of a message does in the conversation.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="CallId">The call that it makes or answers.</param>
internal readonly record struct HistoryPart(HistoryPartKind Kind, string CallId = "");
