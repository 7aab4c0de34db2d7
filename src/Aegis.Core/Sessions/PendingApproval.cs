using System.Collections.Immutable;

namespace Aegis;

/// <summary>A question that the app was handed: what exactly was asked, until when an answer counts.</summary>
internal sealed record PendingApproval(string RequestId, ImmutableArray<byte> CallHash, DateTimeOffset Expires);
