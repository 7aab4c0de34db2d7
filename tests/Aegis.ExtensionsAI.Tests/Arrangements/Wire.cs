namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>How the model is reached.</summary>
public enum Wire
{
    /// <summary>In process.</summary>
    Scripted,

    /// <summary>Through the OpenAI SDK on the loopback server: Chat Completions, or Responses when the provider keeps the conversation.</summary>
    OpenAI,
}
