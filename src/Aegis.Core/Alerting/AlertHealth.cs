namespace Aegis.Alerting;

/// <summary>How alerts are, since their guard was made.</summary>
/// <param name="Undelivered">Alerts that a webhook or a callback was given and did not take.</param>
/// <param name="Dropped">Alerts that found 64 others of their rule waiting.</param>
/// <param name="Waiting">Alerts that wait for their webhook or callback.</param>
/// <param name="CountedAlone">How often an instance had to decide by what it has counted itself, because the windows that instances share did not answer.</param>
/// <param name="Failing">What does not work now, in words; <see langword="null"/>: everything works.</param>
public sealed record AlertHealth(long Undelivered, long Dropped, long Waiting, long CountedAlone, string? Failing)
{
    /// <summary>Whether the last alert of a rule was not delivered, or shared windows do not answer now.</summary>
    public bool IsDegraded => Failing is not null;
}
