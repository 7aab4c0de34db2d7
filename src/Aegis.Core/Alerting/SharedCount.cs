namespace Aegis.Alerting;

/// <summary>What all instances have counted.</summary>
/// <param name="Value">How much there is.</param>
/// <param name="Exceeds">Whether it is too much.</param>
/// <param name="Claimed">Whether it is for this instance to tell.</param>
/// <param name="Alert">Id of the alert that is claimed, or that another instance has told and that is not over; empty: there is none.</param>
/// <param name="Next">After how long something leaves the window.</param>
internal readonly record struct SharedCount(decimal Value, bool Exceeds, bool Claimed, string Alert, TimeSpan Next);
