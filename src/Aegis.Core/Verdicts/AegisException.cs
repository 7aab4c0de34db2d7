namespace Aegis;

/// <summary>Base of all exceptions of Aegis. Messages never carry user or model text.</summary>
public class AegisException : Exception
{
    /// <summary>An exception without a message.</summary>
    public AegisException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">What is wrong, without user or model text.</param>
    public AegisException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    /// <param name="message">What is wrong, without user or model text.</param>
    /// <param name="innerException">The cause.</param>
    public AegisException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What an answer that is none has cost all the same.</summary>
    internal TokenUsage Spent { get; init; }
}
