namespace Aegis.Replaying;

/// <summary>An answer as bytes.</summary>
/// <param name="Write">Writes it.</param>
/// <param name="Read">Reads it.</param>
internal sealed record TapeCodec<T>(Action<TapeWriter, T> Write, Func<TapeReader, T> Read);
