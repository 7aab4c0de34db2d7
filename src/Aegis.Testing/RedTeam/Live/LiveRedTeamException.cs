namespace Aegis.Testing;

/// <summary>A live target cannot be attacked: nothing is there, or it refuses whoever asks.</summary>
/// <param name="message">What it is.</param>
/// <param name="inner">Why.</param>
public sealed class LiveRedTeamException(string message, Exception? inner = null) : Exception(message, inner);
