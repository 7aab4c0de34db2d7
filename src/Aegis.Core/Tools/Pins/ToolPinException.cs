namespace Aegis.Tools;

/// <summary>Pins cannot be read or written. Its message is shown as the reason why tools are refused.</summary>
public sealed class ToolPinException : AegisException
{
    /// <summary>An exception without a message.</summary>
    public ToolPinException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">What is wrong, without user or model text.</param>
    public ToolPinException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    /// <param name="message">What is wrong, without user or model text.</param>
    /// <param name="innerException">The cause.</param>
    public ToolPinException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
