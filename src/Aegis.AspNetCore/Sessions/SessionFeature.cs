namespace Aegis.AspNetCore.Sessions;

/// <summary>The session of a request.</summary>
internal sealed record SessionFeature(SessionId Session);
