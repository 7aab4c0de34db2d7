namespace Aegis.Fuzzing;

/// <summary>A part of Aegis that reads what others write, and a law that holds whatever they write. For one thread at a time.</summary>
internal interface IFuzzTarget
{
    /// <summary>Reads an input, whatever its bytes. No input changes what another one does.</summary>
    /// <exception cref="LawBrokenException">The law does not hold for it. Any other exception breaks it too.</exception>
    void Run(byte[] input);
}
