namespace Aegis.Fuzzing;

/// <summary>A law does not hold for an input.</summary>
internal sealed class LawBrokenException(string message) : Exception(message)
{
    public static void Unless(bool holds, string message)
    {
        if (!holds)
        {
            throw new LawBrokenException(message);
        }
    }
}
