namespace Aegis.ExtensionsAI;

/// <summary>Options of a caller whose host speaks elsewhere (an agent has its instructions by itself): no message is the host's own word, whatever its role.</summary>
internal interface IMessagesOfOthers;
