namespace Aegis.Policies;

/// <summary>What happens to a tool's result with an instruction in it.</summary>
public enum ResultHandling
{
    /// <summary>The model is told which rule withheld it.</summary>
    Block = 0,

    /// <summary>The sentences with the instruction are replaced, the rest goes on and stays valid JSON, HTML or Markdown. What is still found then is blocked.</summary>
    Redact = 1,

    /// <summary>It goes on and is recorded.</summary>
    Flag = 2,
}
