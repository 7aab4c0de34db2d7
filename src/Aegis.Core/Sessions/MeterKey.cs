namespace Aegis;

/// <summary>Which meter: one object per budget, shared by all sessions.</summary>
/// <param name="Name">Its name in the session.</param>
/// <param name="Window">Its window, in ticks.</param>
internal sealed record MeterKey(string Name, long Window);
