namespace Aegis.Testing.RedTeaming;

/// <summary>A request was not answered.</summary>
/// <param name="message">What came instead, without a word of the target's and without the key.</param>
/// <param name="isFatal">Whether no other request will be answered either.</param>
/// <param name="inner">Why.</param>
internal sealed class LiveFailure(string message, bool isFatal, Exception? inner = null) : Exception(message, inner)
{
    public bool IsFatal => isFatal;
}
